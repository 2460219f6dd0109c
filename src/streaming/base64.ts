/** A sum as headers and metadata have it: in base64. */
export const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
