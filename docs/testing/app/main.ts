/** The page of the guide: a form around the code under test. */
import { openReports, sendReport } from "../report.js";

const connection = openReports();
const form = document.querySelector("form") as HTMLFormElement;

async function send(): Promise<void> {
  const fields = new FormData(form);
  const said = await sendReport(connection, String(fields.get("day")), new Blob([String(fields.get("report"))]));
  document.querySelector("[role=status]")?.replaceChildren(said);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void send();
});
