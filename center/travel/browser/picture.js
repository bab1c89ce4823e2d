// Reads a picture file into pixels, upright and no larger than the checks need.

const LONGEST_PX = 2048;

// Why a file can't be read as a picture: `heic` or `unreadable`.
export class BadPicture extends Error {}

export async function readPicture(file) {
  const address = URL.createObjectURL(file), image = new Image();
  try {
    image.src = address;
    await image.decode(); // the browser turns it as the camera noted in the file
    const share = Math.min(1, LONGEST_PX / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * share));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * share));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "#fff"; // the colour under transparent places
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const { width, height, data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return { width, height, channels: 4, data, canvas };
  } catch {
    throw new BadPicture(/hei[cf]/i.test(`${file.type} ${file.name}`) ? "heic" : "unreadable");
  } finally {
    URL.revokeObjectURL(address);
  }
}
