/**
 * Sends a file by the public tus client, cut off in the middle, and again from where it was: prints the bytes at the cut
 * and the address of the upload.
 */
import { createReadStream, statSync } from "node:fs";
import { Upload } from "tus-js-client";

const [url, complaint, file] = process.argv.slice(2);
const { size } = statSync(file);
let cut = 0;

/** @param {string | null} where @returns {Promise<string>} */
const send = (where) => new Promise((resolve, reject) => {
  const upload = new Upload(createReadStream(file, { start: 0 }), {
    endpoint: `${url}/api/v1/uploads`, uploadUrl: where, uploadSize: size, chunkSize: 4096, retryDelays: null,
    metadata: { complaint, filename: "rumah-budi.jpg" },
    onError: reject,
    onSuccess: () => resolve(upload.url ?? ""),
    onChunkComplete(_size, accepted) {
      if (where !== null || accepted < size / 2 || cut > 0) return;
      cut = accepted;
      void upload.abort().then(() => resolve(upload.url ?? ""));
    },
  });
  upload.start();
});

const where = await send(null);
const again = await send(where);
process.stdout.write(`${cut} ${new URL(again).pathname}\n`);
