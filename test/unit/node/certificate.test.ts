import { createPrivateKey, X509Certificate } from "node:crypto";
import { execFileSync } from "node:child_process";
import { afterEach, expect, it, vi } from "vitest";
import { keyFingerprint, makeCertificate } from "../../../src/node/certificate.js";

afterEach(() => {
  vi.doUnmock("selfsigned");
  vi.resetModules();
});

it("makes a certificate for one host and one day, with its key", async () => {
  const { cert, key } = await makeCertificate("myaccount.file.core.windows.net");
  const certificate = new X509Certificate(cert);
  expect(certificate.checkHost("myaccount.file.core.windows.net")).toBe("myaccount.file.core.windows.net");
  expect(certificate.checkHost("other.file.core.windows.net")).toBeUndefined();
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(0.9);
  expect(days).toBeLessThan(1.1);
});

it("makes another key each time, and names it as openssl does", async () => {
  const [one, other] = await Promise.all([makeCertificate("a.example"), makeCertificate("a.example")]);
  expect(keyFingerprint(one.cert)).not.toBe(keyFingerprint(other.cert));
  const publicKey = execFileSync("openssl", ["x509", "-pubkey", "-noout"], { input: one.cert });
  const der = execFileSync("openssl", ["pkey", "-pubin", "-outform", "der"], { input: publicKey });
  const hash = execFileSync("openssl", ["dgst", "-sha256", "-binary"], { input: der });
  expect(keyFingerprint(one.cert)).toBe(hash.toString("base64"));
});

it("says what to install where the package is missing", async () => {
  vi.doMock("selfsigned", () => {
    throw new Error("Cannot find package 'selfsigned'");
  });
  const { makeCertificate } = await import("../../../src/node/certificate.js");
  await expect(makeCertificate("a.example")).rejects.toThrow(
    /a\.example needs a certificate: .*npm install -D selfsigned.*azureFilesCertificate/,
  );
});
