/**
 * The conformance cases: facts about client and service together, as data, for any runner and any runtime.
 *
 * They import nothing but the built package, and know no test framework.
 */
import { accessPolicyCases } from "./access-policies.js";
import { accountCases } from "./accounts.js";
import { badCredentialCases } from "./bad-credentials.js";
import { badInputCases } from "./bad-input.js";
import type { Case } from "./case.js";
import { renameCases } from "./renames.js";
import { linkCases } from "./links.js";
import { itemMetadataCases } from "./item-metadata.js";
import { copyCases } from "./copies.js";
import { corsCases } from "./cors.js";
import { credentialCases } from "./credentials.js";
import { directoryCases } from "./directories.js";
import { errorCases } from "./errors.js";
import { fileCases } from "./files.js";
import { leaseCases } from "./leases.js";
import { lockCases } from "./locks.js";
import { nameCases } from "./names.js";
import { outageCases } from "./outages.js";
import { permissionCases } from "./permissions.js";
import { rangeCases } from "./ranges.js";
import { retryCases } from "./retries.js";
import { shareSettingCases } from "./share-settings.js";
import { shareSnapshotCases } from "./share-snapshots.js";
import { shareCases } from "./shares.js";
import { simulationCases } from "./simulations.js";
import { downloadCases } from "./streaming-download.js";
import { telemetryCases } from "./telemetry.js";
import { uploadCases } from "./streaming-upload.js";
import { uploadEndingCases } from "./upload-endings.js";
import { uploadJournalCases } from "./upload-journal.js";

export type { Case } from "./case.js";

/** Every case. None depends on another or on their order. */
export const cases: readonly Case[] = [
  ...accountCases,
  ...shareCases,
  ...shareSettingCases,
  ...shareSnapshotCases,
  ...accessPolicyCases,
  ...permissionCases,
  ...leaseCases,
  ...lockCases,
  ...directoryCases,
  ...fileCases,
  ...rangeCases,
  ...renameCases,
  ...linkCases,
  ...itemMetadataCases,
  ...copyCases,
  ...uploadCases,
  ...uploadEndingCases,
  ...uploadJournalCases,
  ...downloadCases,
  ...credentialCases,
  ...errorCases,
  ...retryCases,
  ...telemetryCases,
  ...outageCases,
  ...nameCases,
  ...badInputCases,
  ...badCredentialCases,
  ...corsCases,
  ...simulationCases,
];
