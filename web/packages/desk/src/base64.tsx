/** A file's bytes as text that JSON carries; files of millions of bytes too, which one call could not take as arguments. */
export async function base64Of(file: Blob): Promise<string> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(",") + 1);
}
