/** The media types of image-spec v1.1 and of Docker's image manifest version 2, schema 2. */
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const OCI_LAYER_TAR = 'application/vnd.oci.image.layer.v1.tar';
export const OCI_LAYER_GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
const DOCKER_SCHEMA_1 = [
  'application/vnd.docker.distribution.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
];

/** What a manifest request accepts: indexes too, or Docker Hub answers with the digest of one platform. */
export const MANIFEST_ACCEPT = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST, '*/*'].join(', ');

export const isIndexType = (type: string): boolean => type === OCI_INDEX || type === DOCKER_LIST;
export const isManifestType = (type: string): boolean => type === OCI_MANIFEST || type === DOCKER_MANIFEST;
export const isSchema1Type = (type: string): boolean => DOCKER_SCHEMA_1.includes(type);

/** Config types an engine can run; the last four are what old builders wrote (distribution#1621). */
const IMAGE_CONFIGS = [OCI_CONFIG, DOCKER_CONFIG, 'application/octet-stream', 'application/json', 'text/html', ''];
export const isImageConfigType = (type: string): boolean => IMAGE_CONFIGS.includes(type);

/** A Content-Type without its parameters, in lower case. */
export function bareType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
