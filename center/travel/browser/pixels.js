// Pictures and colours. A picture is {width, height, channels, data}: rows of 8-bit sRGB.

// CIE L*a*b* (D65) of sRGB values 0..255, as OpenCV converts them.
const LIGHT = Float64Array.from({ length: 256 }, (_, value) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});
const curve = (share) => (share > 0.008856 ? Math.cbrt(share) : 7.787 * share + 16 / 116);

export function lab(red, green, blue) {
  const [r, g, b] = [LIGHT[Math.round(red)], LIGHT[Math.round(green)], LIGHT[Math.round(blue)]];
  const x = curve((0.412453 * r + 0.35758 * g + 0.180423 * b) / 0.950456);
  const y = curve(0.212671 * r + 0.71516 * g + 0.072169 * b);
  const z = curve((0.019334 * r + 0.119193 * g + 0.950227 * b) / 1.088754);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

// L*, a* and b* of every pixel, each as a Float32Array.
export function labOf({ width, height, channels, data }) {
  const planes = [0, 1, 2].map(() => new Float32Array(width * height));
  for (let i = 0; i < width * height; i++) {
    const at = i * channels;
    const colour = lab(data[at], data[at + 1], data[at + 2]);
    for (let k = 0; k < 3; k++) planes[k][i] = colour[k];
  }
  return planes;
}

// Mean colour of the square of 3 x 3 pixels about a place, kept inside the picture.
export function meanColour({ width, height, channels, data }, x, y) {
  const column = clamp(Math.round(x), 1, width - 2), row = clamp(Math.round(y), 1, height - 2);
  const sum = [0, 0, 0];
  for (let j = row - 1; j <= row + 1; j++)
    for (let i = column - 1; i <= column + 1; i++)
      for (let k = 0; k < 3; k++) sum[k] += data[(j * width + i) * channels + k] / 9;
  return sum;
}

// A part of a picture, each square of `factor` x `factor` pixels averaged to one: RGB.
export function shrunk({ width, channels, data }, x0, y0, columns, rows, factor) {
  const out = new Uint8ClampedArray(columns * rows * 3);
  const share = 1 / (factor * factor);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let red = 0, green = 0, blue = 0;
      for (let j = 0; j < factor; j++) {
        let at = ((y0 + row * factor + j) * width + x0 + column * factor) * channels;
        for (let i = 0; i < factor; i++, at += channels) {
          red += data[at];
          green += data[at + 1];
          blue += data[at + 2];
        }
      }
      out.set([red * share, green * share, blue * share], (row * columns + column) * 3);
    }
  return { width: columns, height: rows, channels: 3, data: out };
}

// A picture of `columns` x `rows` whose pixel (x, y) shows the place [a x + b y + c, d x + e y + f] of `source`,
// interpolated between pixels; black outside.
export function warped(source, [a, b, c, d, e, f], columns, rows) {
  const { width, height, channels, data } = source;
  const out = new Uint8ClampedArray(columns * rows * 3);
  for (let row = 0, to = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, to += 3) {
      const x = a * column + b * row + c, y = d * column + e * row + f;
      const left = Math.floor(x), top = Math.floor(y);
      if (left < -1 || top < -1 || left >= width || top >= height) continue;
      const right = x - left, down = y - top;
      let red = 0, green = 0, blue = 0;
      for (let k = 0; k < 4; k++) {
        const i = left + (k & 1), j = top + (k >> 1);
        if (i < 0 || j < 0 || i >= width || j >= height) continue;
        const weight = (k & 1 ? right : 1 - right) * (k >> 1 ? down : 1 - down);
        const at = (j * width + i) * channels;
        red += weight * data[at];
        green += weight * data[at + 1];
        blue += weight * data[at + 2];
      }
      out[to] = red;
      out[to + 1] = green;
      out[to + 2] = blue;
    }
  return { width: columns, height: rows, channels: 3, data: out };
}

export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// The value below which `share` percent lie, interpolated between neighbours.
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  const place = ((sorted.length - 1) * share) / 100, low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
}
