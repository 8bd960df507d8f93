/** The part of the package that read-bzip2.ts uses. */
declare module "seek-bzip" {
  interface ByteSource {
    readByte(): number | undefined;
    seek(position: number): void;
    eof(): boolean;
    read(into: Uint8Array, offset: number, length: number): number;
  }
  interface ByteSink {
    writeByte(byte: number): void;
  }
  const Bunzip: {
    /** Decodes the block that begins at bit `position`. Throws when its checksum does not match. */
    decodeBlock(input: Uint8Array, position: number, output: ByteSink): void;
  };
  export default Bunzip;
}
