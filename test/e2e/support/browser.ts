import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type Page, chromium, selectors } from 'playwright-core';
import type { Editor } from './editor';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** What lies over the canvas and belongs to no workflow. */
const CONTROLS = [
  'canvas-controls',
  'canvas-minimap',
  'node-creator-plus-button',
  'logs-panel',
  'canvas-handle-plus-wrapper',
];
const VIEW = { width: 1600, height: 1200 };
/** Higher than any panel. */
const PANEL_VIEW = { width: 1600, height: 2600 };
/** Pixels of canvas that stay around a workflow. */
const MARGIN = 24;

/** The Chromium of CHROMIUM_PATH or PATH, or undefined. */
export const browserFile =
  process.env.CHROMIUM_PATH ||
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((file) => existsSync(file));

/** A page of a real browser, signed in as the editor's owner. */
export class EditorPage {
  private constructor(
    private readonly url: string,
    private readonly browser: Browser,
    private readonly page: Page,
  ) {}

  static async open({ url, cookie }: Editor): Promise<EditorPage> {
    selectors.setTestIdAttribute('data-test-id');
    const browser = await chromium.launch({ executablePath: browserFile, args: FLAGS });
    const context = await browser.newContext({
      viewport: VIEW,
      deviceScaleFactor: 1.5,
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(90_000);
    const [name, value] = cookie.split(/=(.*)/);
    await context.addCookies([{ name, value, url }]);
    return new EditorPage(url, browser, await context.newPage());
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  /** A PNG of a workflow, its notes included, and nothing around it. */
  async canvas(id: string): Promise<Buffer> {
    await this.show(id);
    const hidden = [...CONTROLS.map((id) => `[data-test-id="${id}"]`), '[class*=_executionButtons_]'].join();
    await this.page.addStyleTag({ content: `${hidden} { visibility: hidden !important }` });
    await this.page.getByTestId('zoom-to-fit').dispatchEvent('click');
    await this.settled();
    // To fit means the boxes of nodes; names and labels may stand out of the canvas then, below other things.
    const pane = (await this.page.locator('.vue-flow').boundingBox())!;
    for (let tries = 0; tries < 3; tries++) {
      const box = await this.drawn();
      const inside =
        box.x >= pane.x &&
        box.y >= pane.y &&
        box.right <= pane.x + pane.width &&
        box.bottom <= pane.y + pane.height;
      if (inside) break;
      await this.page.getByTestId('zoom-out-button').dispatchEvent('click');
      await this.settled();
    }
    const { x, y, right, bottom } = await this.drawn();
    return await this.page.screenshot({ clip: { x, y, width: right - x, height: bottom - y } });
  }

  /** Where the window has what is drawn of the workflow, with a margin around it. */
  private async drawn(): Promise<{ x: number; y: number; right: number; bottom: number }> {
    const boxes = await this.page.locator('.vue-flow__node').evaluateAll((nodes) =>
      nodes
        .flatMap((node) => [node, ...node.querySelectorAll('*')])
        .filter((part) => !part.closest('[data-test-id=canvas-handle-plus-wrapper]'))
        .map((part) => part.getBoundingClientRect())
        .filter(({ width, height }) => width && height)
        .map(({ left, top, right, bottom }) => ({ left, top, right, bottom })),
    );
    return {
      x: Math.min(...boxes.map(({ left }) => left)) - MARGIN,
      y: Math.min(...boxes.map(({ top }) => top)) - MARGIN,
      right: Math.max(...boxes.map(({ right }) => right)) + MARGIN,
      bottom: Math.max(...boxes.map(({ bottom }) => bottom)) + MARGIN,
    };
  }

  /** A PNG of the open panel of a workflow's node, as high as its parameters are. */
  async panel(id: string, node: string): Promise<Buffer> {
    await this.show(id);
    await this.page.locator(`[data-test-id=canvas-node][data-node-name="${node}"]`).dblclick();
    const parameters = this.page.getByTestId('node-parameters');
    await parameters.waitFor();
    // Away from every parameter: one below the pointer shows its menu.
    await this.page.mouse.move(5, 5);
    await this.page.setViewportSize(PANEL_VIEW);
    await this.settled();
    const box = (await parameters.boundingBox())!;
    const last = (await parameters.getByTestId('collection-parameter-add').last().boundingBox())!;
    const y = (await this.page.getByTestId('tab-params').boundingBox())!.y - MARGIN / 2;
    const bottom = last.y + last.height + MARGIN;
    const picture = await this.page.screenshot({ clip: { ...box, y, height: bottom - y } });
    await this.page.setViewportSize(VIEW);
    return picture;
  }

  private async show(id: string): Promise<void> {
    await this.page.goto(`${this.url}/workflow/${id}`, { waitUntil: 'domcontentloaded' });
    await this.page.getByTestId('canvas-node').first().waitFor();
    // A canvas that has just been drawn takes no double click yet.
    await this.settled();
  }

  /** Until pictures, fonts and lists are there, and what moves has come to rest. */
  private async settled(): Promise<void> {
    await this.page.waitForTimeout(2000);
  }
}
