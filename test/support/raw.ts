import { connect } from 'node:net';

/** What a server answers to bytes that need not be HTTP, until it closes the connection. */
export function say(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (chunk) => (answer += chunk));
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

/** One part of a form whose boundary is `x`. */
export const part = (headers: string, content: string) => `--x\r\n${headers}\r\n\r\n${content}\r\n`;

export const FILE_PART = 'Content-Disposition: form-data; name="file"; filename="a.jpg"';
export const FORM_TYPE = 'multipart/form-data; boundary=x';
