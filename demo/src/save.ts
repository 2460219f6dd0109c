/** Handing a file to the browser's own downloads. */
import { fromUrl } from "azure-files";
import { getProperties } from "azure-files/files";
import { element } from "./element.js";

const FRAME = "download-frame";

/**
 * Follows a link whose answer says `Content-Disposition: attachment`. The bytes go from the share to the disk, past this page, so their
 * number does not matter. It happens in a hidden frame, because a refusal would otherwise replace the page.
 *
 * @throws what a request with the same link meets, where the share refuses the download
 */
export async function saveByLink(url: string): Promise<void> {
  // A browser does not tell a page how a download went, so the link is tried with a HEAD first: that one has an answer to read.
  await getProperties(fromUrl(url), {});
  const frame =
    document.querySelector<HTMLIFrameElement>(`iframe[name="${FRAME}"]`) ?? element("iframe", { name: FRAME, hidden: true, title: "" });
  if (!frame.isConnected) document.body.append(frame);
  frame.src = url;
}

/** Saves bytes that the page already holds. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  // The click only starts the download; the browser needs the address for a moment longer.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
