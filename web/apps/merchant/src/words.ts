// Every page of the portal has its words; only those of the language that is spoken are fetched.
import { speakFrom } from "@tiao/ui";

speakFrom({
  "zh-CN": async () => (await import("./words.zh")).default,
  en: async () => (await import("./words.en")).default,
});
