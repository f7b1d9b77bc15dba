/** Gives the person a text as a file. */
export function downloadFile(name: string, file: { readonly text: string; readonly type: string }): void {
  const address = URL.createObjectURL(new Blob([file.text], { type: `${file.type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it over by then; a download may ask the person first.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
