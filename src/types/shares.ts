/**
 * The models of shares as the client takes and gives them. Types only: this file compiles to nothing.
 *
 * A field that is `undefined` in an answer is absent, or, in a page, hidden by the account's CORS rule.
 */

/** Bursting beyond what is provisioned, paid by use. */
export interface PaidBursting {
  /** Whether it is on. */
  enabled?: boolean | undefined;
  /** The most I/O operations a second with it. */
  maxIops?: number | undefined;
  /** The most MiB a second with it. */
  maxBandwidthMibps?: number | undefined;
}

/** What a share is provisioned with, as answers to changes of it tell on accounts that bill by provisioning. */
export interface ShareProvisioning {
  /** Size limit in GiB. */
  readonly quotaGiB: number | undefined;
  /** I/O operations a second. */
  readonly provisionedIops: number | undefined;
  /** MiB a second. */
  readonly provisionedBandwidthMibps: number | undefined;
  /** I/O operations a second in a burst. */
  readonly includedBurstIops: number | undefined;
  /** The most credits for bursts that the share can save up. */
  readonly maxBurstCreditsForIops: number | undefined;
}

/** From when on provisioning may be lowered. */
export interface ShareDowngradeTimes {
  /** Of the size limit. */
  readonly nextAllowedQuotaDowngradeTime: Date | undefined;
  /** Of the I/O operations a second. */
  readonly nextAllowedProvisionedIopsDowngradeTime: Date | undefined;
  /** Of the MiB a second. */
  readonly nextAllowedProvisionedBandwidthDowngradeTime: Date | undefined;
}

/** What the service says of a share, in an answer about it and in a listing alike. */
export interface ShareFacts extends ShareProvisioning, ShareDowngradeTimes {
  /** Storage tier: "TransactionOptimized", "Hot", "Cool" or "Premium". */
  readonly accessTier: string | undefined;
  /** When the tier was changed last. */
  readonly accessTierChangeTime: Date | undefined;
  /** How far a change of the tier has come, such as "pending-from-transactionOptimized". */
  readonly accessTierTransitionState: string | undefined;
  /** Protocol of mounts: "SMB" or "NFS". */
  readonly enabledProtocols: string | undefined;
  /** What NFS clients that come as root may do: "NoRootSquash", "RootSquash" or "AllSquash". */
  readonly rootSquash: string | undefined;
  /** Whether NFS clients see snapshots in a directory of their own. */
  readonly snapshotVirtualDirectoryAccess: boolean | undefined;
  /** Whether SMB clients may keep directories in their caches. */
  readonly smbDirectoryLease: boolean | undefined;
  /** Bursting beyond what is provisioned; undefined where the account has no such thing. */
  readonly paidBursting: Readonly<PaidBursting> | undefined;
  /** MiB a second into the share, on accounts that tell it apart. */
  readonly provisionedIngressMbps: number | undefined;
  /** MiB a second out of the share, on accounts that tell it apart. */
  readonly provisionedEgressMbps: number | undefined;
  /** "locked" or "unlocked". */
  readonly leaseStatus: string | undefined;
  /** "available", "leased", "expired", "breaking" or "broken". */
  readonly leaseState: string | undefined;
  /** "infinite" or "fixed", while leased. */
  readonly leaseDuration: string | undefined;
}

/** A share as a listing shows it. */
export interface ShareEntry extends Partial<ShareFacts> {
  readonly name: string;
  /** Time of the snapshot that this entry is; absent for the share itself. */
  readonly snapshot?: string;
  /** Whether the share is deleted and can be restored; with `include: ["deleted"]`. */
  readonly deleted?: boolean;
  /** Version of a deleted share, which `restore` wants. */
  readonly version?: string;
  /** When a deleted share was deleted. */
  readonly deletedTime?: Date;
  /** Days for which a deleted share can still be restored. */
  readonly remainingRetentionDays?: number;
  readonly etag: string;
  readonly lastModified: Date | undefined;
  /** Size limit in GiB. */
  readonly quotaGiB: number;
  /** All properties of the listing by their XML names, for those that have no field here. */
  readonly properties: Readonly<Record<string, string>>;
  /** Metadata by name; with `include: ["metadata"]`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A policy stored with a share, which service SAS tokens can name: changing or removing it changes or withdraws them. */
export interface AccessPolicy {
  /** Its name, from 1 to 64 characters, once in a share. */
  id: string;
  /** When tokens that name it begin to be good; ISO 8601 in UTC. Absent where the tokens say it. */
  startsOn?: Date | string | undefined;
  /** When they end. Absent where the tokens say it. */
  expiresOn?: Date | string | undefined;
  /** What they allow, of the letters `rcwdl`. Absent where the tokens say it. */
  permissions?: string | undefined;
}
