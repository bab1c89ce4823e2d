// The face networks, run by LiteRT in WebAssembly: the files that the booth runs, and the runtime that it runs them on.
import { Tensor, loadAndCompile, loadLiteRt } from "./litert.js";

const NETWORKS = {
  detector: ["face_detection_short_range.tflite", 128],
  mesh: ["face_landmark.tflite", 192],
  iris: ["iris_landmark.tflite", 64],
};

// Loads everything; after that nothing more is requested from anywhere. Answers {detector, mesh, iris}.
export async function load() {
  await loadLiteRt(new URL("litert_wasm_compat_internal.js", import.meta.url).href);
  const networks = {};
  for (const [name, [file, size]] of Object.entries(NETWORKS)) {
    const model = await loadAndCompile(new URL(file, import.meta.url).href, { accelerator: "wasm" });
    networks[name] = { size, run: (cut, low, high) => run(model, size, cut, low, high) };
  }
  return networks;
}

// Runs a network on a cut, its values brought to low..high. Answers the outputs by their number of values.
async function run(model, size, cut, low, high) {
  const image = Float32Array.from(cut.data, (value) => low + (value / 255) * (high - low));
  const input = new Tensor(image, [1, size, size, 3]);
  const outputs = await model.run(input);
  const values = new Map(outputs.map((one) => [one.toTypedArray().length, one.toTypedArray().slice()]));
  for (const one of [input, ...outputs]) one.delete();
  return values;
}
