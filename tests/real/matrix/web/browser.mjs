// Chromium behind standard input and output, with a window for each person: a line {who, do, args} comes in,
// a line with what the page showed goes out. Everything waits until it is there, and nothing waits for time.
// Arguments: where playwright-core is installed, and the browser.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const [installed, executablePath] = process.argv.slice(2);
const { chromium } = createRequire(`${installed}/`)("playwright-core");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const windows = new Map();

class Window {
  static async open() {
    const window = new Window();
    const context = await browser.newContext({ viewport: { width: 1000, height: 560 }, locale: "en-GB", timezoneId: "UTC" });
    context.setDefaultTimeout(20_000);
    window.addresses = new Set();
    // What the page and its service worker ask for.
    context.on("request", (request) => window.addresses.add(new URL(request.url()).origin));
    window.refused = [];
    context.on("response", (answer) => {
      if (answer.status() === 403) window.refused.push(answer.text());
    });
    window.page = await context.newPage();
    return window;
  }

  async sign_in({ app, homeserver, user, password }) {
    await this.page.goto(app);
    await this.page.fill("#homeserver", homeserver);
    await this.page.press("#homeserver", "Tab");
    await this.page.fill("#username", user);
    await this.page.fill("#password", password);
    await this.page.click("button:text('Log In')");
    await this.page.waitForSelector(".RoomList");
  }

  async reload() {
    await this.page.reload();
    await this.page.waitForSelector(".RoomList");
  }

  async await_room({ name }) {
    await this.room(name).waitFor();
  }

  async await_no_room({ name }) {
    await this.room(name).waitFor({ state: "detached" });
  }

  async rooms() {
    return await this.page.locator(".RoomList .name").allTextContents();
  }

  async enter({ name }) {
    await this.room(name).click();
    await this.page.waitForSelector(`.RoomHeader h2:text-is("${name}"), .RoomView h2:text-is("${name}")`);
  }

  async write({ text }) {
    await this.page.fill(".MessageComposer_input textarea", text);
    await this.page.press(".MessageComposer_input textarea", "Enter");
  }

  // A message with this text, which the server has taken.
  async await_text({ text }) {
    await this.page.locator(".Timeline_message:not(.unsent)", { hasText: text }).first().waitFor();
  }

  async send_picture({ name, bytes }) {
    await this.page.click(".MessageComposer .sendFile");
    const chosen = this.page.waitForEvent("filechooser");
    await this.page.click("button:text('Send picture')");
    await (await chosen).setFiles({ name, mimeType: "image/png", buffer: Buffer.from(bytes, "base64") });
  }

  // What the page says of a refusal, and what the client got of it, which is another thing.
  async refusal() {
    const note = this.page.getByRole("alert");
    await note.waitFor();
    return { note: await note.textContent(), received: await Promise.all(this.refused) };
  }

  async await_no_picture({ name }) {
    await this.page.locator(`.Timeline_message img[alt="${name}"]`).waitFor({ state: "detached" });
  }

  // A picture that the server has taken, and gives out again.
  async await_picture({ name }) {
    const picture = this.page.locator(`.Timeline_message:not(.unsent) .media img[alt="${name}"]`);
    await picture.waitFor();
    await picture.evaluate((image) => image.decode());
  }

  async messages() {
    return await this.page.locator(".Timeline_message").evaluateAll((messages) =>
      messages.map((message) => ({
        sender: message.querySelector(".Timeline_messageSender")?.textContent,
        text: message.querySelector(".Timeline_messageBody")?.innerText,
      })),
    );
  }

  async people() {
    await this.page.click(".room-options");
    await this.page.click("button:text('Room details')");
    await this.page.click(".RoomDetailsView button:has-text('People')");
    await this.page.waitForSelector(".MemberTileView_name");
    return await this.page.locator(".MemberTileView_name").allTextContents();
  }

  // All that the page says, also where it does not show it.
  async everything() {
    return await this.page.content();
  }

  async asked() {
    return [...this.addresses];
  }

  async photograph({ path }) {
    await this.page.screenshot({ path, animations: "disabled" });
  }

  room(name) {
    return this.page.locator(".RoomList li", { has: this.page.locator(`.name:text-is("${name}")`) });
  }
}

async function answer({ who, do: verb, args }) {
  try {
    if (!windows.has(who)) windows.set(who, await Window.open());
    return { ok: true, seen: (await windows.get(who)[verb](args)) ?? null };
  } catch (error) {
    return { ok: false, error: `${verb}: ${error.message}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
await browser.close();
