/** As much as the server takes. */
export const LARGEST_BYTES = 64 * 1024;
const TAKEN = new Set(["image/png", "image/webp"]);
// The larger the better it looks; the first that fits is taken.
const SIDES = [512, 384, 256, 128];

/** The image as the server takes it, smaller where it is too large; null where that is not possible, or it is no image. */
export async function fitting(file: Blob): Promise<Blob | null> {
  if (TAKEN.has(file.type) && file.size <= LARGEST_BYTES) return file;
  const image = await createImageBitmap(file).catch(() => null);
  if (image === null) return null;
  for (const side of SIDES) {
    const drawn = await drawnWithin(image, side);
    if (drawn !== null && TAKEN.has(drawn.type) && drawn.size <= LARGEST_BYTES) return drawn;
  }
  return null;
}

/** A WebP no higher and no wider, or a PNG where the browser writes no WebP. */
function drawnWithin(image: ImageBitmap, side: number): Promise<Blob | null> {
  const { width, height } = sizeWithin(image, side);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d")?.drawImage(image, 0, 0, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.9));
}

/** The same proportions, no side longer than so many pixels and none below one. */
export function sizeWithin({ width, height }: { width: number; height: number }, side: number): { width: number; height: number } {
  const factor = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/** The image as an address of its own, which the policy of the pages allows. */
export function addressOf(image: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(image);
  });
}
