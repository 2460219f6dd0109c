/** From what was chosen or dropped to a plain list of files with their paths; folders come with all that is in them. */

/** What to bring into the share. */
export interface Arrivals {
  /** Files with their paths, "/" between components, the chosen folder's own name first. */
  readonly files: readonly { readonly path: string; readonly file: File }[];
  /** Folders that hold nothing, and would otherwise be lost. */
  readonly emptyFolders: readonly string[];
}

/** What a file input holds. A folder input names the path of each file below the chosen folder. */
export function fromInput(input: HTMLInputElement): Arrivals {
  const files = [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  return { files, emptyFolders: [] };
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((resolve, reject) => entry.file(resolve, reject));

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    // A reader hands out at most a hundred entries at a time, and an empty list at the end.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return children;
    children.push(...batch);
  }
}

/** What a drop brings. Must be called in the drop's own turn: the browser clears the data right after it. */
export async function fromDrop(data: DataTransfer): Promise<Arrivals> {
  const files: { path: string; file: File }[] = [];
  const emptyFolders: string[] = [];
  const items = [...data.items].filter((item) => item.kind === "file");
  const taken = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));

  async function take(entry: FileSystemEntry): Promise<void> {
    const path = entry.fullPath.replace(/^\//, "");
    if (entry.isFile) {
      files.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
      return;
    }
    const children = await childrenOf(entry as FileSystemDirectoryEntry);
    if (children.length === 0) emptyFolders.push(path);
    for (const child of children) await take(child);
  }

  for (const { entry, file } of taken) {
    if (entry) await take(entry);
    else if (file) files.push({ path: file.name, file });
  }
  return { files, emptyFolders };
}
