/**
 * An uploader for Uppy: its files go straight from the page into an Azure file share, with progress, pause and resume, cancel and retry.
 *
 *     uppy.use(AzureFiles, { connection });
 */
import { BasePlugin, type Body, EventManager, type Meta, type PluginOpts, type Uppy, type UppyFile } from "@uppy/core";
import type { Connection } from "azure-files";
import { upload } from "azure-files/streaming";

export interface AzureFilesOptions<M extends Meta, B extends Body> extends PluginOpts {
  /** A connection to the share; its token needs `r`, `c` and `w`. */
  connection: Connection;
  /** Where a file goes. @default its name */
  pathOf?: (file: UppyFile<M, B>) => string;
  /** Files on their way at once, each in several ranges. @default 3 */
  limit?: number;
}

export class AzureFiles<M extends Meta, B extends Body> extends BasePlugin<AzureFilesOptions<M, B>, M, B> {
  constructor(uppy: Uppy<M, B>, options?: AzureFilesOptions<M, B>) {
    super(uppy, options);
    this.id = "AzureFiles";
    this.type = "uploader";
  }

  override install(): void {
    const { capabilities } = this.uppy.getState();
    this.uppy.setState({ capabilities: { ...capabilities, resumableUploads: true } });
    this.uppy.addUploader(this.#sendAll);
  }

  override uninstall(): void {
    this.uppy.removeUploader(this.#sendAll);
  }

  /** What Uppy calls. Its promise ends when every file is there, has failed or was cancelled. */
  readonly #sendAll = async (ids: string[]): Promise<void> => {
    const waiting = ids.map((id) => this.uppy.getFile(id));
    this.uppy.emit("upload-start", waiting);
    const lane = async (): Promise<void> => {
      for (let file = waiting.shift(); file; file = waiting.shift()) await this.#send(file.id);
    };
    await Promise.all(Array.from({ length: this.opts.limit ?? 3 }, lane));
  };

  async #send(id: string): Promise<void> {
    const { uppy, opts } = this;
    // As it is now: while it waited, it may have been removed or paused.
    const file = uppy.getFile(id);
    if (!file) return;
    const cancel = new AbortController();
    const events = new EventManager(uppy);
    events.onFileRemove(id, () => cancel.abort());
    events.onCancelAll(id, () => cancel.abort());
    try {
      const transfer = upload(opts.connection, {
        path: opts.pathOf?.(file) ?? file.name,
        body: file.data as Blob,
        content: { type: file.type },
        resume: "restart", // a retry goes on where the last try stood
        signal: cancel.signal,
        onProgress: ({ transferred }) => {
          const { uploadStarted } = uppy.getFile(id)?.progress ?? {};
          if (uploadStarted) uppy.emit("upload-progress", file, { uploadStarted, bytesUploaded: transferred, bytesTotal: file.size });
        },
      });
      if (file.isPaused) transfer.pause();
      events.onFilePause(id, (isPaused) => (isPaused ? transfer.pause() : transfer.resume()));
      events.onPauseAll(id, () => transfer.pause());
      events.onResumeAll(id, () => transfer.resume());
      await transfer;
      uppy.emit("upload-success", uppy.getFile(id), { status: 201 });
    } catch (error) {
      // What was cancelled has left the list; its half stays in the share, unfinished, for `deleteUnfinished` on a server.
      if (!cancel.signal.aborted) uppy.emit("upload-error", uppy.getFile(id), error as Error);
    } finally {
      events.remove();
    }
  }
}
