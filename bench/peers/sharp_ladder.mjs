// A ladder as the usual program with sharp makes it: the outputs of one input, each resized from the file, awaited together.
// Orders on stdin (bench/peers/ladder_line.h). sharp is found in the folder that NODE_PATH's package lies in: argument 1.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';

const sharp = createRequire(process.argv[2] + '/')('sharp');
sharp.cache(false);

const encodeAs = {
  webp: (picture, quality, effort) => picture.webp({ quality, effort }),
  avif: (picture, quality, effort) => picture.avif({ quality, effort }),
};

const peakKib = () => Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);

for await (const line of createInterface({ input: process.stdin })) {
  const [file, outPrefix, format, quality, effort, ...longSides] = line.split('\t');
  writeFileSync('/proc/self/clear_refs', '5');
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  let error;
  try {
    const input = sharp(file).rotate();
    await Promise.all(
      longSides.map((side) => {
        const picture = input.clone().resize(Number(side), Number(side), { fit: 'inside', withoutEnlargement: true });
        return encodeAs[format](picture, Number(quality), Number(effort)).toFile(`${outPrefix}${side}.${format}`);
      }),
    );
  } catch (failure) {
    error = String(failure);
  }
  const used = process.cpuUsage(cpu);
  console.log(JSON.stringify({ cpu: (used.user + used.system) / 1e6, wall: Number(process.hrtime.bigint() - start) / 1e9, peak_kib: peakKib(), error }));
}
