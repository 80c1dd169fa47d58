/**
 * The program {@code dunlin-stream}: looks into migration streams. {@code StreamTool} reads the
 * command line and does what its verb says with {@link dev.dunlin.migration.inspect}; what users
 * see is put together by {@code PrintedText}, {@code PrintedJson} and {@code PrintedDifferences}.
 * One thread; nothing of an emulator runs.
 */
@NullMarked
package dev.dunlin.launcher.stream;

import org.jspecify.annotations.NullMarked;
