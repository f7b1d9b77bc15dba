/** The bytes that the load client sends: an upgrade request, and frames masked with zeros. */

export function upgradeRequest(path: string, subprotocols: readonly string[] = []): Buffer {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: c3VydGl0cmUtYmVuY2g9PQ==',
    ...(subprotocols.length > 0 ? [`Sec-WebSocket-Protocol: ${subprotocols.join(', ')}`] : []),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

export function clientFrame(kind: 'text' | 'binary', payload: Uint8Array | string): Buffer {
  const bytes = Buffer.from(payload as string);
  if (bytes.length > 65_535) throw new Error('longer than the benches need');
  const opcode = kind === 'text' ? 0x81 : 0x82;
  const length =
    bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 255];
  return Buffer.concat([Buffer.from([opcode, ...length, 0, 0, 0, 0]), bytes]);
}
