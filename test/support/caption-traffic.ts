/** A room of its own that is captioned and read all the time, for what shows a gateway's figures. */
import { CAPTIONS_AUDIENCE } from '../../protocol/connection.ts';
import { packFromViewer } from '../../protocol/viewer-message.ts';
import { CaptionViewer } from './caption-viewer.ts';
import { inOneHour, type TestGateway } from './start-gateway.ts';
import { appendedText, live, openedUtterance, UplinkAgent } from './uplink-agent.ts';

/** One reader, one agent with three voices, frames and samples three times a second; some sound goes unheard. */
export async function keepTalking(gateway: TestGateway): Promise<NodeJS.Timeout> {
  const token = gateway.sign({ aud: CAPTIONS_AUDIENCE, sub: 'p-1', room: 'room', exp: inOneHour() });
  const viewer = await CaptionViewer.join(gateway.socketUrl, token);
  const agent = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken());
  agent.frame('room', 1, [live(1), openedUtterance(1)]);
  let number = 1;
  let skippedAudioMs = 0;
  return setInterval(() => {
    number += 1;
    skippedAudioMs += 10;
    const audioMs = Date.now() - 200;
    const times = { audioMs, readUs: 60_000, gatheredUs: 61_000, steppedUs: 190_000, sentUs: 191_000 };
    const offset = number === 2 ? 0 : (number - 2) * 2 - 1;
    const text = number === 2 ? 'a' : ' a';
    agent.frame('room', number, [appendedText(1, offset, text)], { ...times, receivedUs: 0, publishedUs: 0 });
    const load = { slotsUsed: 3, slots: 8, microphones: 12, skippedAudioMs };
    agent.send({ type: 'load', ...load, droppedAudioMs: 0, microphonesRefused: 0 });
    viewer.socket.send(packFromViewer({ type: 'painted', audioMs, publishedUs: 193_000, heldUs: 8_000 }));
  }, 300);
}
