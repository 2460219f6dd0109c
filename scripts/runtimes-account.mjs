// One emulator over HTTP for all the runtimes, in this process.
import { subscribe } from "node:diagnostics_channel";

/** Serves an emulator on 127.0.0.1; resolves to what its callers have to know, and to what ends it. */
export async function serveAccount() {
  const { createEmulator } = await import("azure-files/simulation");
  const { serve } = await import("azure-files/node");
  const emulator = createEmulator({ softDeleteDays: 7, insecureBearer: true });
  // The service has no operation that leaves a copy pending: the one thing that is told to the emulator past its account.
  const TELLING = "/copies/";
  const handle = async (request, context) => {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith(TELLING)) return emulator.handle(request, context);
    emulator.copies = pathname.slice(TELLING.length);
    return new Response(null, { status: 204, headers: { "access-control-allow-origin": "*" } });
  };
  const server = await serve({ handle });
  // Node's servers tell of each request, and on which socket it came.
  let [requests, sockets] = [0, new Set()];
  subscribe("http.server.request.start", ({ socket }) => {
    if (socket.localPort !== server.port) return;
    requests++;
    sockets.add(socket);
  });
  return {
    account: {
      endpoint: `${server.url}/${emulator.account}`,
      account: emulator.account,
      key: emulator.key,
      token: emulator.token(),
      copies: `${server.url}${TELLING}`,
    },
    /** How many requests came since it was last asked, and on how many connections. */
    traffic() {
      const told = { requests, connections: sockets.size };
      [requests, sockets] = [0, new Set()];
      return told;
    },
    close: () => server.close(),
  };
}
