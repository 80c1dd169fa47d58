package dev.dunlin.launcher.stream;

/** What {@code dunlin-stream --help} says. */
final class ToolHelp {
  static final String TEXT =
      """
      Looks into migration streams of QEMU and Dunlin.

      dunlin-stream [print] [--json] [--full] [--no-fields] [STREAM]
          shows sections, blocks of RAM with a hash, and devices with their fields;
          --full: long arrays too; --no-fields: devices without their fields
      dunlin-stream verify [--json] [STREAM]
          checks every frame, footer and size to the end
      dunlin-stream extract --block NAME STREAM [FILE]
      dunlin-stream extract --device NAME[:INSTANCE] STREAM [FILE]
      dunlin-stream extract --description STREAM [FILE]
          writes a block's memory, a device's bytes or the JSON description
      dunlin-stream compare [--json] [--full] STREAM STREAM
          shows machines, blocks, pages, devices and fields that aren't alike
      dunlin-stream convert --to modern|pc-0.12 [--machine NAME] STREAM FILE
          writes the same content in another form: modern is QEMU 7.2's, with
          configuration, footers and description; pc-0.12 is qemu-kvm 0.12's

      STREAM and FILE may be -, stdin and stdout, which also are what is meant
      when they are left out. A FILE is there only when it is whole.
      tree-sha256 is a hash of a block's content, the same however it was sent:
      SHA-256 of its length (8 bytes, the most significant first) and, for each
      4096-byte page that isn't zero, in order, its number (8 bytes) and the
      first 16 bytes of its own SHA-256.

      Exit status: 0 good, alike, done; 1 verify: the stream is bad, compare: the
      streams differ; 2 trouble: arguments, files, or a bad stream elsewhere.
      """;

  private ToolHelp() {}

  static String version() {
    String version = ToolHelp.class.getPackage().getImplementationVersion();
    return version == null ? "(unpackaged)" : version;
  }
}
