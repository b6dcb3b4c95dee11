// The files in what was dropped. What was pasted is composer/pasting.ts.

/** Whether files are dragged, which can be seen before they are dropped. */
export function hasFiles(transfer: Pick<DataTransfer, 'types'> | null): boolean {
  return transfer?.types.includes('Files') ?? false
}

/** Without folders, which look like files and cannot be read. */
export function droppedFiles(transfer: DataTransfer | null): File[] {
  return [...transfer?.items ?? []].flatMap((item) => {
    if (item.kind !== 'file' || item.webkitGetAsEntry()?.isDirectory === true)
      return []
    const file = item.getAsFile()
    return file === null ? [] : [file]
  })
}
