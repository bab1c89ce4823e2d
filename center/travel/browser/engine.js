// The face networks, run by LiteRT in WebAssembly: the booth uses the same files and the same runtime.
import { Tensor, loadAndCompile, loadLiteRt } from "./litert.js";

const NETWORKS = {
  detector: ["face_detection_short_range.tflite", 128],
  mesh: ["face_landmark.tflite", 192],
  iris: ["iris_landmark.tflite", 64],
};

const networks = {};
let runtime = null;

// Loads everything; after that nothing more is requested from anywhere. Returns {detector, mesh, iris}. If something
// could not be loaded, the function can be called again: it loads the runtime only once, because the runtime refuses a
// second loading.
export async function load() {
  runtime ??= loadLiteRt(address("litert_wasm_compat_internal.js"));
  await runtime.catch((fault) => { runtime = null; throw fault; });
  for (const [name, [file, size]] of Object.entries(NETWORKS)) {
    if (networks[name]) continue;
    const answer = await fetch(address(file));
    if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
    const model = await loadAndCompile(new Uint8Array(await answer.arrayBuffer()), { accelerator: "wasm" });
    networks[name] = { size, run: (cut, low, high) => run(model, size, cut, low, high) };
  }
  return networks;
}

const address = (file) => new URL(file, import.meta.url).href;

// Runs a network on a cut whose values are scaled to low..high. Returns the outputs by their number of values.
async function run(model, size, cut, low, high) {
  const image = Float32Array.from(cut.data, (value) => low + (value / 255) * (high - low));
  const input = new Tensor(image, [1, size, size, 3]);
  const outputs = await model.run(input);
  const values = new Map(outputs.map((one) => [one.toTypedArray().length, one.toTypedArray().slice()]));
  for (const one of [input, ...outputs]) one.delete();
  return values;
}
