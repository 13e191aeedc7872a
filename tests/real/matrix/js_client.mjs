// matrix-js-sdk behind standard input and output: a line {who, do, args} comes in, a line with what
// the client saw goes out. Argument 1 is where the SDK is installed.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// Standard output is for answers: what the SDK prints goes beside it.
console.log = console.info = console.debug = console.warn = console.trace = console.error;

const installed = process.argv[2];
const load = (file) => import(pathToFileURL(`${installed}/node_modules/matrix-js-sdk/lib/${file}`));
const sdk = await load("index.js");
const { SlidingSync, SlidingSyncEvent, SlidingSyncState } = await load("sliding-sync.js");

const PATIENCE_MS = 20_000;
const people = new Map();

class Person {
  constructor(baseUrl) {
    this.baseUrl = baseUrl;
  }

  async login({ user, password }) {
    const answer = await sdk.createClient({ baseUrl: this.baseUrl }).loginRequest({
      type: "m.login.password",
      identifier: { type: "m.id.user", user },
      password,
    });
    this.client = this.newClient(answer);
    this.signedIn = answer;
    return answer;
  }

  newClient({ user_id, access_token, device_id }) {
    return sdk.createClient({
      baseUrl: this.baseUrl,
      userId: user_id,
      accessToken: access_token,
      deviceId: device_id,
    });
  }

  async logout() {
    this.client.stopClient();
    this.sliding?.stop();
    this.slidingClient?.stopClient();
    return this.client.logout(true);
  }

  // The client's own view, kept fresh by its long polls once it was started.
  async sync() {
    if (!this.client.clientRunning) {
      await this.client.startClient({ initialSyncLimit: 30, pollTimeout: 5000 });
      await new Promise((resolve, reject) => {
        this.client.on("sync", (state, _previous, data) => {
          if (state === "PREPARED") resolve();
          if (state === "ERROR") reject(data.error);
        });
      });
    }
    return view(this.client);
  }

  async sliding_sync() {
    if (!this.sliding) {
      this.slidingClient = this.newClient(this.signedIn);
      const wanted = { required_state: [["*", "*"]], timeline_limit: 30 };
      const list = { ranges: [[0, 50]], sort: ["by_recency"], ...wanted };
      this.sliding = new SlidingSync(this.baseUrl, new Map([["all", list]]), wanted, this.slidingClient, 2000);
      const first = new Promise((resolve, reject) => {
        this.sliding.on(SlidingSyncEvent.Lifecycle, (state, _answer, error) => {
          if (error) reject(error);
          else if (state === SlidingSyncState.Complete) resolve();
        });
      });
      await this.slidingClient.startClient({ slidingSync: this.sliding });
      await first;
    }
    return view(this.slidingClient);
  }

  create_room({ options }) {
    return this.client.createRoom(options);
  }
  invite({ room, person }) {
    return this.client.invite(room, person);
  }
  async join({ room, via }) {
    return { room_id: (await this.client.joinRoom(room, { viaServers: via })).roomId };
  }
  leave({ room }) {
    return this.client.leave(room);
  }
  send({ room, type, content }) {
    return this.client.sendEvent(room, null, type, content);
  }
  put_state({ room, type, key, content }) {
    return this.client.sendStateEvent(room, type, content, key);
  }
  redact({ room, event }) {
    return this.client.redactEvent(room, event);
  }
  upload({ bytes, name, mediatype }) {
    return this.client.uploadContent(Buffer.from(bytes, "base64"), { name, type: mediatype });
  }
  download({ url }) {
    return this.bytes(this.client.mxcUrlToHttp(url, undefined, undefined, undefined, false, true, true));
  }
  thumbnail({ url }) {
    return this.bytes(this.client.mxcUrlToHttp(url, 32, 32, "crop", false, true, true));
  }
  messages({ room }) {
    return this.client.createMessagesRequest(room, null, 50, sdk.Direction.Backward);
  }
  event({ room, event }) {
    return this.client.fetchRoomEvent(room, event);
  }
  context({ room, event }) {
    return this.ask("GET", `/rooms/${encodeURIComponent(room)}/context/${encodeURIComponent(event)}`);
  }
  relations({ room, event }) {
    return this.client.fetchRelations(room, event, null, null, { dir: sdk.Direction.Backward });
  }
  threads({ room }) {
    return this.client.createThreadListMessagesRequest(room, null, 20, sdk.Direction.Backward, sdk.ThreadFilterType.All);
  }
  search({ term }) {
    return this.client.search({ body: { search_categories: { room_events: { search_term: term } } } });
  }
  members({ room }) {
    return this.client.members(room);
  }
  joined_members({ room }) {
    return this.client.getJoinedRoomMembers(room);
  }
  joined_rooms() {
    return this.client.getJoinedRooms();
  }
  profile({ person }) {
    return this.client.getProfileInfo(person);
  }
  user_directory({ term }) {
    return this.client.searchUserDirectory({ term });
  }
  public_rooms() {
    return this.client.publicRooms({});
  }
  typing({ room }) {
    return this.client.sendTyping(room, true, 5000);
  }
  receipt({ room, event }) {
    return this.client.setRoomReadMarkersHttpRequest(room, event, event);
  }
  set_displayname({ name }) {
    return this.client.setDisplayName(name);
  }

  ask(method, path) {
    return this.client.http.authedRequest(method, path);
  }

  async bytes(url) {
    const answer = await fetch(url, { headers: { Authorization: `Bearer ${this.client.getAccessToken()}` } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.ok) return { bytes: bytes.toString("base64"), mediatype: answer.headers.get("content-type") };
    throw new sdk.MatrixError(JSON.parse(bytes.toString()), answer.status);
  }
}

function view(client) {
  const rooms = {};
  const invites = {};
  for (const room of client.getRooms()) {
    const membership = room.getMyMembership();
    if (membership === "invite") invites[room.roomId] = { name: room.name };
    if (membership !== "join") continue;
    const members = Object.fromEntries(
      room.getMembers().filter((m) => ["join", "invite"].includes(m.membership)).map((m) => [m.userId, m.rawDisplayName]),
    );
    const events = room.getLiveTimeline().getEvents().map((event) => event.event);
    rooms[room.roomId] = { name: room.name, members, events };
  }
  return { rooms, invites };
}

async function answer({ who, url, do: verb, args }) {
  if (url) people.set(who, new Person(url));
  try {
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Error(`no end of ${verb} after ${PATIENCE_MS} ms`)), PATIENCE_MS).unref();
    });
    const seen = await Promise.race([people.get(who)[verb](args), late]);
    return { ok: true, seen: seen ?? {} };
  } catch (error) {
    if (error.httpStatus) return { ok: false, status: error.httpStatus, body: error.data ?? {} };
    return { ok: false, status: 0, body: { error: `${error.stack ?? error}` } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
process.exit(0);
