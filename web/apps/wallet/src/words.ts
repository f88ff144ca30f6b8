// Words come in the language that is spoken, with the page.
import { speakFrom } from "@tiao/ui";

speakFrom({
  "zh-CN": async () => (await import("./words.zh")).default,
  en: async () => (await import("./words.en")).default,
});
