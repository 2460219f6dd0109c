/**
 * Whether anything is on its way between sockets of this process that talk to each other: bytes that one end has written and the other has
 * not read, connections that are being made, ends that the other side has not heard of.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** The sockets of a stretch of time. */
export interface Loopback {
  /** Changes with everything that happens to a socket. */
  readonly moved: number;
  /** Whether all that was sent has arrived. */
  readonly isSettled: boolean;
  /** Sockets that are open. */
  readonly open: number;
  /** Looks no more. */
  end(): void;
}

/** Watches sockets that are opened from now on. */
export function watchLoopback(): Loopback {
  /** By their own port and the other end's. */
  const sockets = new Map<Socket, string | undefined>();
  let changes = 0;
  const named = (socket: Socket, own = socket.localPort, other = socket.remotePort): string => `${own} ${other}`;
  const watch = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    changes++;
    sockets.set(socket, socket.connecting ? undefined : named(socket));
    socket.once("connect", () => {
      changes++;
      sockets.set(socket, named(socket));
    });
    socket.once("close", () => {
      changes++;
      sockets.delete(socket);
    });
  };
  const channels = ["net.client.socket", "net.server.socket"];
  for (const channel of channels) subscribe(channel, watch);
  // Node says nothing of the end of a socket that is reset after the other side has gone.
  const isOpen = () => [...sockets].filter(([{ destroyed }]) => !destroyed);
  const hasHeard = (from: Socket, to: Socket): boolean =>
    from.bytesWritten === to.bytesRead && (!from.writableFinished || to.readableEnded);
  return {
    get moved() {
      let sum = changes;
      for (const { bytesRead, bytesWritten } of sockets.keys()) sum += bytesRead + bytesWritten;
      return sum;
    },
    get isSettled() {
      const open = isOpen();
      const byName = new Map(open.map(([socket, name]) => [name, socket]));
      return open.every(([socket, name]) => {
        const peer = name === undefined ? undefined : byName.get(name.split(" ").toReversed().join(" "));
        return peer !== undefined && hasHeard(socket, peer);
      });
    },
    get open() {
      return isOpen().length;
    },
    end() {
      for (const channel of channels) unsubscribe(channel, watch);
    },
  };
}
