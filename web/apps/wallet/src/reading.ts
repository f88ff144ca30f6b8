// Codes in pictures: what the camera sees, or a photo. The reader is fetched when it is first needed.
export async function readPicture(from: CanvasImageSource, width: number, height: number): Promise<string | null> {
  if (!width || !height) return null;
  const { default: jsQR } = await import("jsqr");
  const scale = Math.min(1, 1_000 / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(from, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return jsQR(data, canvas.width, canvas.height)?.data ?? null;
}
