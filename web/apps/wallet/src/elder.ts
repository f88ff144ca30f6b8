// For those who see or move with difficulty: text of 18 points, targets that follow it, nothing that urges.
const KEY = "tiao.elder";

export const isElder = () => localStorage.getItem(KEY) !== null;

export function setElder(on: boolean): void {
  if (on) localStorage.setItem(KEY, "1");
  else localStorage.removeItem(KEY);
  applyElder();
}

export function applyElder(): void {
  document.documentElement.toggleAttribute("data-elder", isElder());
}
