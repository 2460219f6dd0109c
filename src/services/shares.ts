/**
 * Operations on shares, the entry point `azure-files/shares`. Service version 2026-10-06.
 */
export {
  type AccessPolicies,
  getAccessPolicy,
  type GetAccessPolicyRequest,
  setAccessPolicy,
  type SetAccessPolicyRequest,
  type StoredAccessPolicy,
} from "./share-access-policies.js";
export {
  create,
  createIfMissing,
  type CreateShareRequest,
  delete,
  type DeleteShareRequest,
  restore,
  type RestoreShareRequest,
  type ShareCreated,
  type ShareDeleted,
  type ShareRestored,
} from "./share-creation.js";
export { list, type ListSharesRequest } from "./share-listing.js";
export {
  createPermission,
  type CreatePermissionRequest,
  getPermission,
  type GetPermissionRequest,
  type Permission,
  type PermissionCreated,
} from "./share-permissions.js";
export {
  exists,
  getMetadata,
  getProperties,
  type GetSharePropertiesRequest,
  type GetShareStatisticsRequest,
  getStatistics,
  setMetadata,
  setProperties,
  type SetShareMetadataRequest,
  type SetSharePropertiesRequest,
  type ShareChanged,
  type ShareMetadata,
  type ShareProperties,
  type SharePropertiesSet,
  type ShareStatistics,
} from "./share-properties.js";
export type { ShareSettings } from "./share-settings.js";
export { createSnapshot, type CreateShareSnapshotRequest, type ShareSnapshotCreated } from "./share-snapshots.js";
