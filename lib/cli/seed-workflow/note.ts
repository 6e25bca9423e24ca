import type { N8nNode } from './types';

/** Pixels of a note's letters, its lines, and the room around its text, as n8n's canvas shows them. */
const CODE_LETTER = 9.7;
const TEXT_LETTER = 7.2;
const LINE = 32;
const PADDING = 60;
const MIN_WIDTH = 620;

/** The note above a converted workflow: what it does, how it is called, what comes out. */
export function stickyNote(of: { name: string; path: string; variables: string[] }): Omit<N8nNode, 'id'> {
  const job = JSON.stringify(Object.fromEntries(of.variables.map((name) => [name, EXAMPLES[name] ?? '…'])));
  const lines = [
    `## ${of.name}`,
    'Publish this workflow, then send it a job:',
    '```',
    `curl http://localhost:5678/webhook/${of.path} -H "Content-Type: application/json" \\`,
    `  -d '${job.replaceAll("'", "'\\''")}'`,
    '```',
    'The answer says what was made, and where its picture and mask lie: beside the photo. n8n may only touch files below `~/.n8n-files` unless N8N_RESTRICT_FILE_ACCESS_TO says otherwise. What a photo with an address becomes goes to `/home/node/.n8n-files`: change that in **Keep Picture** and **Keep Mask** where n8n does not run in its Docker image.',
    '',
    '422 means that this job cannot be done, 503 that the engine could not work; `error` says why. The webhook is open to everybody who can reach your n8n: set its **Authentication** first.',
  ];
  const width = Math.ceil(
    Math.max(MIN_WIDTH, ...lines.slice(2, 6).map((line) => line.length * CODE_LETTER + PADDING)),
  );
  const rows = lines.reduce(
    (sum, line) => sum + Math.max(1, Math.ceil((line.length * TEXT_LETTER) / (width - PADDING))),
    0,
  );
  const height = rows * LINE + PADDING;
  return {
    name: 'How to Use',
    type: 'n8n-nodes-base.stickyNote',
    typeVersion: 1,
    position: [-40, -height - 60],
    parameters: { content: lines.join('\n'), width, height },
  };
}

const EXAMPLES: Record<string, string> = {
  mediaId: 'media-123',
  projectId: 'project-456',
  inputPath: '/home/node/.n8n-files/photos/mug.jpg',
  preset: 'product-studio',
  callbackUrl: 'https://example.com/webhooks/background',
};
