/** What transfers leave in a file's metadata. */

/** Says that the file is being uploaded, with a fingerprint of the source; gone once the file is whole. */
export const UPLOAD_MARKER: string = "azurefilesupload";

/** The sum of the whole file, in base64, where it was uploaded with `crc64()`. */
export const CRC64_METADATA: string = "crc64";
