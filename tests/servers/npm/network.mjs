// Starts a real Bluesky network (PLC directory, PDS, AppView) that listens on 127.0.0.1 only.
// Environment: PLC_PORT, PDS_PORT, APPVIEW_PORT, POSTGRES_URL, VIDEO_URL (the video service that the AppView names),
// READY_FILE (appears when all are up), REQUEST_LOG (one JSON line for each request that any of the three is sent).
import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync, writeFileSync } from 'node:fs'
import { Server } from 'node:net'
import { TestBsky, TestPds, TestPlc, mockNetworkUtilities } from '@atproto/dev-env'

const env = process.env
const [plcPort, pdsPort, appviewPort] = [env.PLC_PORT, env.PDS_PORT, env.APPVIEW_PORT].map(Number)
const publicUrl = `http://localhost:${appviewPort}`

// The services name a port and no address, which would open them to the local network.
const listen = Server.prototype.listen
Server.prototype.listen = function (where, ...rest) {
  const options = typeof where === 'object' ? where : { port: Number(where) }
  return listen.call(this, { ...options, host: '127.0.0.1' }, rest.find((arg) => typeof arg === 'function'))
}

subscribe('http.server.request.start', ({ request, socket }) => {
  const { method, url, headers } = request
  const line = { port: socket.localPort, method, url, agent: headers['user-agent'] ?? '' }
  appendFileSync(env.REQUEST_LOG, JSON.stringify(line) + '\n')
})

const plc = await TestPlc.create({ port: plcPort })
const appview = await TestBsky.create({
  port: appviewPort,
  publicUrl,
  plcUrl: plc.url,
  pdsPort,
  repoProvider: `ws://localhost:${pdsPort}`,
  dbPostgresUrl: env.POSTGRES_URL,
  dbPostgresSchema: 'appview',
  videoPlaylistUrlPattern: `${env.VIDEO_URL}/watch/%s/%s/playlist.m3u8`,
  videoThumbnailUrlPattern: `${env.VIDEO_URL}/watch/%s/%s/thumbnail.jpg`,
  redisHost: '127.0.0.1:1', // asked for, never contacted
  bsyncUrl: 'http://localhost:1', // the same: private likes and mutes, which nobody here has
  bsyncApiKey: 'unused',
})
const pds = await TestPds.create({
  port: pdsPort,
  hostname: 'localhost',
  enableDidDocWithSession: true,
  didPlcUrl: plc.url,
  bskyAppViewUrl: appview.url,
  bskyAppViewDid: appview.serverDid,
  bskyAppViewCdnUrlPattern: `${publicUrl}/img/%s/plain/%s/%s`,
})
mockNetworkUtilities(pds, appview)
writeFileSync(env.READY_FILE, 'ready\n')
