// A tus client that is not ours: uploads FILE to ENDPOINT in pieces, gives up in the middle, resumes.
// Prints one line of JSON: {"url", "resumedAt", "photo"}.
import { createReadStream, statSync } from 'node:fs'
import { createRequire } from 'node:module'
const tus = createRequire(process.env.TUS_MODULES + '/')('tus-js-client')
const [endpoint, file] = process.argv.slice(2)
const size = statSync(file).size

function upload(uploadUrl, stopAt) {
  return new Promise((resolve, reject) => {
    let photo = ''
    const options = {
      endpoint,
      uploadUrl,
      uploadSize: size,
      chunkSize: 200_000,
      retryDelays: [0, 100, 500],
      metadata: { filename: 'from tus-js-client.jpg', filetype: 'image/jpeg' },
      onAfterResponse: (request, response) => {
        photo = response.getHeader('Tintype-Photo') || photo
      },
      onChunkComplete: (chunk, accepted) => {
        if (stopAt && accepted >= stopAt) instance.abort().then(() => resolve({ url: instance.url, accepted }))
      },
      onError: reject,
      onSuccess: () => resolve({ url: instance.url, photo }),
    }
    const instance = new tus.Upload(createReadStream(file), options)
    instance.start()
  })
}

const first = await upload(null, size / 2)
const head = await fetch(first.url, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } })
const second = await upload(first.url, 0)
console.log(JSON.stringify({ url: second.url, resumedAt: Number(head.headers.get('Upload-Offset')), photo: second.photo }))
