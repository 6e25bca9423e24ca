/** What `make test` runs inside the engine's container: asks for its health, then has it cut out a picture. */
const sharp = require('sharp');

const url = `http://127.0.0.1:${process.env.PORT}`;
const headers = { authorization: `Bearer ${process.env.VITRINE_TOKEN}` };

async function main() {
  const health = await answerOf(await fetch(`${url}/health`));
  console.log(`health: ${health.status}, version ${health.version}`);

  const form = new FormData();
  form.append('file', new Blob([await photo()]), 'photo.jpg');
  const response = await fetch(`${url}/background/cleanup`, { method: 'POST', headers, body: form });
  const { model, device, artifacts, metrics } = await answerOf(response);

  const file = new URL(artifacts.output).pathname;
  const picture = await fetch(url + file, { headers });
  const { data, info } = await sharp(Buffer.from(await picture.arrayBuffer()))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const alpha = (x, y) => data[(y * info.width + x) * info.channels + 3];
  if (info.channels !== 4 || alpha(5, 5) !== 0 || alpha(info.width / 2, info.height / 2) !== 255)
    throw new Error('the picture came back without its cutout');
  await fetch(url + file, { method: 'DELETE', headers });
  console.log(`cutout: ok, by ${model} on ${device} in ${metrics.elapsed_ms} ms`);
}

/** A red box on white. */
async function photo() {
  const box = { create: { width: 200, height: 160, channels: 3, background: '#b02418' } };
  const input = await sharp(box).png().toBuffer();
  const white = { create: { width: 480, height: 360, channels: 3, background: '#ffffff' } };
  return await sharp(white).composite([{ input }]).jpeg({ quality: 95 }).toBuffer();
}

async function answerOf(response) {
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

main().catch((error) => {
  console.error(`failed: ${error.message}`);
  process.exitCode = 1;
});
