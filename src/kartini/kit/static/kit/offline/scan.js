// Reads a QR code with the camera, where the browser can. Elsewhere the phone's own camera opens the code's address.
const PAUSE = 200;

export const canScan = "BarcodeDetector" in globalThis && Boolean(navigator.mediaDevices?.getUserMedia);

/** Shows the camera in `video` until a code is read or `stop` (an AbortSignal) fires. Gives its text, or null. */
export async function scan(video, stop) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  Object.assign(video, { srcObject: stream, hidden: false });
  try {
    await video.play();
    while (!stop.aborted) {
      const [found] = await detector.detect(video).catch(() => []);
      if (found) return found.rawValue;
      await new Promise((go) => setTimeout(go, PAUSE));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    Object.assign(video, { srcObject: null, hidden: true });
  }
}
