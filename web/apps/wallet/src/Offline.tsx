import { useSpeech } from "@tiao/ui";
import { useEffect, useState } from "react";

/** Says that there is no network for as long as there is none. */
export function Offline() {
  const { t } = useSpeech();
  const [isOff, setOff] = useState(!navigator.onLine);
  useEffect(() => {
    const look = () => setOff(!navigator.onLine);
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  return isOff ? (
    <p role="alert" className="offline">
      {t("wallet.offline")}
    </p>
  ) : null;
}
