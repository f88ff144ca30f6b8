// What is used of two small libraries, so that types are checked before they are installed.
declare module "jsqr" {
  export default function jsQR(
    data: Uint8ClampedArray,
    width: number,
    height: number,
    options?: { inversionAttempts?: "dontInvert" | "onlyInvert" | "attemptBoth" | "invertFirst" },
  ): { data: string } | null;
}
declare module "uqr" {
  export function encode(
    text: string,
    options?: { ecc?: "L" | "M" | "Q" | "H"; border?: number },
  ): {
    size: number;
    data: boolean[][];
  };
}
