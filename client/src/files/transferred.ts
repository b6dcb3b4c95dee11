// The files in what was dropped or pasted. Which of it is meant is a rule; what happens with them is the composer's.

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

/** Offices put a picture of the text beside it: with formatted text it is the text that is pasted. */
export function pastedFiles(transfer: DataTransfer | null): File[] {
  if (transfer === null || (transfer.types.includes('text/html') && transfer.types.includes('text/plain')))
    return []
  return droppedFiles(transfer)
}
