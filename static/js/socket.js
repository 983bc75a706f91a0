// One WebSocket that comes back: after a loss it tries again, at first soon, then less often, and at once when the network or the
// tab returns. It knows nothing of what the frames mean.

const FIRST_WAIT = 400;
const LONGEST_WAIT = 15000;

export class LastingSocket {
  /** `onState` hears "open" or "lost"; `onFrame` each parsed frame. */
  constructor(path, { onFrame, onState }) {
    this.url = new URL(path, location.href.replace(/^http/, "ws"));
    this.onFrame = onFrame;
    this.onState = onState;
    this.wait = FIRST_WAIT;
    window.addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.retryNow());
    this.connect();
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Send a frame; returns false when there is no connection to send it on. */
  send(frame) {
    if (!this.isOpen) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  connect() {
    this.timer = null;
    this.socket = new WebSocket(this.url);
    this.socket.addEventListener("open", () => {
      this.wait = FIRST_WAIT;
      this.onState("open");
    });
    this.socket.addEventListener("message", (event) => this.onFrame(JSON.parse(event.data)));
    this.socket.addEventListener("close", () => this.lost());
  }

  lost() {
    this.onState("lost");
    this.timer = setTimeout(() => this.connect(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  retryNow() {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.connect();
  }
}
