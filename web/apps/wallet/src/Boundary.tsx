// What breaks, or a part of the program that could not be fetched, ends here and not in an empty page.
import { useSpeech } from "@tiao/ui";
import { Component, type ReactNode } from "react";

export class Boundary extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    return this.state.isBroken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useSpeech();
  return (
    <section className="card" role="alert">
      <p>{t("page.broken")}</p>
      <button type="button" className="main" onClick={() => location.reload()}>
        {t("wallet.again")}
      </button>
      <a className="plain" href="/">
        {t("wallet.home")}
      </a>
    </section>
  );
}
