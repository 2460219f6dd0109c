/** The code under test: a page that sends the report of a day into a share. */
import { connect, isIntegrityError, isServiceError, sas, type Connection } from "azure-files";
import { upload } from "azure-files/streaming";

/** Where the reports go, as the page has it built in. Its own server gives it tokens. */
export function openReports(): Connection {
  return connect({
    endpoint: "https://myaccount.file.core.windows.net",
    share: "reports",
    credential: sas(async () => (await fetch("https://app.example/api/sas")).text()),
    retry: { attempts: 2, baseDelay: 10 },
  });
}

/** Sends a report and says in words what became of it. There is one a day, and the first one stays. */
export async function sendReport(connection: Connection, day: string, body: string | Blob): Promise<string> {
  try {
    await upload(connection, { path: `${day}.txt`, body, overwrite: false });
    return "Sent.";
  } catch (error) {
    if (isIntegrityError(error, "exists")) return "There is a report of this day already.";
    if (isServiceError(error, "ServerBusy")) return "The share is busy. Try again in a minute.";
    throw error;
  }
}
