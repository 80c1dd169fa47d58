package dev.dunlin.migration.stream;

/**
 * What opens a section.
 *
 * @param type one of {@link SectionType}'s START, PART, END or FULL
 * @param section the id that the stream gave it; PART, END and footers repeat it
 * @param instance unsigned
 * @param version unsigned; of a PART or END that of its START
 */
public record SectionHeader(int type, int section, String idstr, int instance, int version) {
  SectionHeader of(int otherType) {
    return new SectionHeader(otherType, section, idstr, instance, version);
  }
}
