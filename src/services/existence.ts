/** Answers "is it there?" with a look. */
import { isServiceError } from "../errors.js";

/** Whether what a request reads is there: it is not where the answer is 404, or says that the name belongs to the other kind of item. */
export async function isThere(reading: Promise<unknown>): Promise<boolean> {
  try {
    await reading;
    return true;
  } catch (error) {
    if (isServiceError(error, "ResourceTypeMismatch") || (isServiceError(error) && (error as { status: number }).status === 404))
      return false;
    throw error;
  }
}
