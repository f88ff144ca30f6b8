// A merchant's code: by the camera, else from a photo, else typed. What is not ours is shown and not followed.
import { useSpeech } from "@tiao/ui";
import { type FormEvent, useCallback, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { Page } from "../parts";
import { readPicture } from "../reading";
import { readScanned } from "../scanned";

const LOOK_MS = 200;

export default function Scan() {
  const { t } = useSpeech();
  const [, go] = useLocation();
  const [foreign, setForeign] = useState<string | null>(null);
  const [isNone, setNone] = useState(false);
  const [text, setText] = useState("");
  const found = useCallback(
    (said: string) => {
      const meant = readScanned(said, location.host);
      setForeign(meant ? null : said);
      setNone(false);
      if (meant?.kind === "order") go(`/pay/${meant.token}`);
      if (meant?.kind === "shop") location.assign(`/s/${meant.token}`);
      return meant !== null;
    },
    [go],
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    found(text);
  };
  const open = async (file: File | undefined) => {
    if (!file) return;
    const picture = await createImageBitmap(file).catch(() => null);
    const said = picture && (await readPicture(picture, picture.width, picture.height));
    if (said) found(said);
    else setNone(true);
  };
  return (
    <Page title={t("scan.title")} back="/">
      <Camera onRead={found} />
      {foreign !== null && (
        <p className="refusal" role="alert">
          {t("scan.foreign")} <span className="long">{foreign.slice(0, 200)}</span>
        </p>
      )}
      {isNone && (
        <p className="refusal" role="alert">
          {t("scan.none")}
        </p>
      )}
      <label className="other file">
        {t("scan.photo")}
        <input type="file" accept="image/*" onChange={(event) => void open(event.currentTarget.files?.[0])} />
      </label>
      <form className="card" onSubmit={submit}>
        <label>
          {t("scan.type")}
          <input
            inputMode="url"
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <button className="main" disabled={!text.trim()}>
          {t("scan.go")}
        </button>
      </form>
    </Page>
  );
}

function Camera({ onRead }: { onRead: (said: string) => boolean }) {
  const { t } = useSpeech();
  const video = useRef<HTMLVideoElement>(null);
  const [isThere, setThere] = useState<boolean | null>(null);
  useEffect(() => {
    let stream: MediaStream | null = null;
    let isOver = false;
    const look = async () => {
      const seen = video.current;
      const said = seen && (await readPicture(seen, seen.videoWidth, seen.videoHeight).catch(() => null));
      if (isOver || (said && onRead(said))) return;
      setTimeout(() => void look(), LOOK_MS);
    };
    const begin = async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
      } catch {
        setThere(false);
        return;
      }
      if (isOver) return stop();
      setThere(true);
      if (video.current) {
        video.current.srcObject = stream;
        await video.current.play().catch(() => null);
      }
      void look();
    };
    const stop = () => stream?.getTracks().forEach((track) => track.stop());
    void begin();
    return () => {
      isOver = true;
      stop();
    };
  }, [onRead]);
  return (
    <section className="camera">
      <video ref={video} muted playsInline hidden={!isThere} aria-label={t("scan.camera")} />
      {isThere !== true && <p className="none">{isThere === null ? "…" : t("scan.no_camera")}</p>}
    </section>
  );
}
