/** A certificate for a test, made on the spot, so that no private key lies in a package or a repository. */
import { createHash, X509Certificate } from "node:crypto";

/** A certificate and its key, each as PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * Makes a certificate that signs itself, for one host and one day. Node's own crypto makes keys, but no certificates.
 *
 * @throws Error when the optional peer `selfsigned` is not installed.
 */
export async function makeCertificate(hostname: string): Promise<TestCertificate> {
  const { generate } = await import("selfsigned").catch((cause: unknown) => {
    throw new Error(
      `An emulator at ${hostname} needs a certificate: install the package "selfsigned" (npm install -D selfsigned), or give one of your own as azureFilesCertificate.`,
      { cause },
    );
  });
  const made = await generate([{ name: "commonName", value: hostname }], {
    keyType: "ec",
    algorithm: "sha256",
    notAfterDate: new Date(Date.now() + 86_400_000),
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: hostname }] }],
  });
  return { cert: made.cert, key: made.private };
}

/** What Chromium knows a certificate's key by: the SHA-256 of its public half, in base64. */
export function keyFingerprint(cert: string): string {
  const der = new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("base64");
}
