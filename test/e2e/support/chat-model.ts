import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '../../support/web';

interface Message {
  role: string;
  content: unknown;
}

/**
 * A chat model in OpenAI's terms (`POST /v1/chat/completions`) that calls one tool, then says what the tool answered.
 * @param tool its name, which has to be among those that are offered
 * @param input what it is called with
 */
export async function startChatModel(tool: string, input: object): Promise<{ url: string }> {
  const base = await listen((request, response) => {
    void answerTo(request, tool, input).then(
      (message) => {
        const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
        const finish_reason = 'tool_calls' in message ? 'tool_calls' : 'stop';
        const choices = [{ index: 0, message, finish_reason }];
        const body = {
          id: 'chat-1',
          object: 'chat.completion',
          created: 0,
          model: 'gpt-e2e',
          choices,
          usage,
        };
        response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
      },
      (error: Error) => response.writeHead(400).end(JSON.stringify({ error: { message: error.message } })),
    );
  });
  return { url: `${base}/v1` };
}

async function answerTo(request: IncomingMessage, tool: string, input: object) {
  const { messages, tools } = JSON.parse(await text(request)) as {
    messages: Message[];
    tools: { function: { name: string } }[];
  };
  const answered = messages.find(({ role }) => role === 'tool');
  if (answered) return { role: 'assistant', content: `Here it is: ${addressIn(answered.content)}` };
  const offered = tools.map((each) => each.function.name);
  if (!offered.includes(tool)) throw new Error(`${tool} is not among ${offered.join(', ')}`);
  const call = { name: tool, arguments: JSON.stringify(input) };
  return {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'call-1', type: 'function', function: call }],
  };
}

function addressIn(content: unknown): string {
  const answer = typeof content === 'string' ? content : JSON.stringify(content);
  return /https?:[^"\\\s]*binary-data[^"\\\s]*/.exec(answer)?.[0] ?? answer;
}
