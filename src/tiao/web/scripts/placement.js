// <tiao-placement amount="120000"></tiao-placement>: what a price comes to a month, and a year. The words are the lender's.
const origin = new URL(document.currentScript.src).origin;
customElements.define("tiao-placement", class extends HTMLElement {
  static observedAttributes = ["amount", "fee-payer", "experiment", "subject"];
  async attributeChangedCallback() {
    const asked = new URLSearchParams({ amount_minor: this.getAttribute("amount") ?? "" });
    for (const each of ["fee-payer", "experiment", "subject"]) if (this.hasAttribute(each)) asked.set(each.replace("-", "_"), this.getAttribute(each));
    const answer = await fetch(`${origin}/placement?${asked}`, { credentials: "omit" });
    const said = answer.ok ? await answer.json() : { words: {} };
    this.textContent = said.words[document.documentElement.lang.startsWith("en") ? "en" : "zh-CN"] ?? "";
  }
});
