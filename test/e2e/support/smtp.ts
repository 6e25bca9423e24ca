import { once } from 'node:events';
import { type AddressInfo, type Server, createServer } from 'node:net';

/** An email that arrived: its envelope, and all of its text as it was sent. */
export interface Email {
  from: string;
  to: string[];
  /** Headers and body, MIME. */
  text: string;
}

/** A mail server on loopback that keeps what it is sent (RFC 5321, without extensions). */
export class MailServer {
  readonly emails: Email[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<MailServer> {
    const server = createServer();
    const mail = new MailServer(server);
    server.on('connection', (socket) => {
      const answer = (line: string) => void socket.write(`${line}\r\n`);
      let open: Email = { from: '', to: [], text: '' };
      let inData = false;
      let rest = '';
      answer('220 localhost');
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk: Buffer) => {
        rest += chunk.toString('latin1');
        for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
          const line = rest.slice(0, end);
          rest = rest.slice(end + 2);
          if (inData && line !== '.') {
            open.text += `${line.replace(/^\./, '')}\n`;
          } else if (inData) {
            inData = false;
            mail.emails.push(open);
            open = { from: '', to: [], text: '' };
            answer('250 kept');
          } else if (/^DATA$/i.test(line)) {
            inData = true;
            answer('354 go on');
          } else if (/^QUIT$/i.test(line)) {
            answer('221 bye');
            socket.end();
          } else {
            const [, from] = /^MAIL FROM:<(.*?)>/i.exec(line) ?? [];
            const [, to] = /^RCPT TO:<(.*?)>/i.exec(line) ?? [];
            if (from !== undefined) open.from = from;
            if (to !== undefined) open.to.push(to);
            answer('250 ok');
          }
        }
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return mail;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server.close();
  }
}
