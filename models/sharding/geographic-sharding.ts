/**
 * Geographic sharding: a key has a place, and boxes of the map have owners: near its users, or where the law wants it. Boxes are
 * rectangles of latitude and longitude in whole degrees, and cover the globe without overlap, as the cells of a quadtree do: a crowded one
 * is cut in two, and the empty ocean stays one.
 */
import { ConfigError } from '../../sim/index.ts';
import type { Sharding } from './sharding.ts';

/** South and west edges belong to it, north and east do not (but the pole does). Degrees: latitude −90…90, longitude −180…180. */
export interface GeographicBox {
  readonly south: number;
  readonly north: number;
  readonly west: number;
  readonly east: number;
}

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

export interface GeographicShardingOptions {
  /** Where a key is. Default: keys are `latitude,longitude/…` in degrees; any other is at 0,0. */
  readonly placeOf?: (key: string) => Place;
}

const area = ({ south, north, west, east }: GeographicBox): number => (north - south) * (east - west);

const overlap = (a: GeographicBox, b: GeographicBox): boolean =>
  a.south < b.north && b.south < a.north && a.west < b.east && b.west < a.east;

function written(key: string): Place {
  const [latitude = NaN, longitude = NaN] = (key.split('/', 1)[0] ?? '').split(',').map(Number);
  return Number.isFinite(latitude) && Number.isFinite(longitude)
    ? { latitude, longitude }
    : { latitude: 0, longitude: 0 };
}

/** 0…360 east of the date line, whatever turn the longitude is given in. */
const turned = (longitude: number): number => ((((longitude + 180) % 360) + 360) % 360) - 180;

export function geographicSharding({ placeOf = written }: GeographicShardingOptions = {}): Sharding<GeographicBox> {
  return {
    name: 'geographic',
    check(shards) {
      for (const { id, covers } of shards) {
        const { south, north, west, east } = covers;
        const isBox = [south, north, west, east].every(Number.isInteger) && south < north && west < east;
        if (!isBox || south < -90 || north > 90 || west < -180 || east > 180)
          throw new ConfigError(`geographic: shard ${id}`, covers, 'a box in whole degrees, within ±90 and ±180');
        const other = shards.find((one) => one.id !== id && overlap(one.covers, covers));
        if (other !== undefined)
          throw new ConfigError(`geographic: shard ${id}`, covers, `a box that does not overlap ${other.id}`);
      }
      // Without overlap they cover the globe when their areas add up to it.
      const sum = shards.reduce((total, { covers }) => total + area(covers), 0);
      if (sum !== 180 * 360)
        throw new ConfigError('geographic: boxes', sum, `${180 * 360} square degrees, the whole globe`);
    },
    holds({ south, north, west, east }, key) {
      const { latitude, longitude } = placeOf(key);
      const lat = Math.min(90, Math.max(-90, latitude));
      const lon = turned(longitude);
      return lat >= south && (lat < north || (north === 90 && lat === 90)) && lon >= west && lon < east;
    },
    divide(covers, at) {
      const { south, north, west, east } = covers;
      const [axis, text = ''] = at.split(' ');
      const degree = Number(text);
      const [least, most] = axis === 'latitude' ? [south, north] : [west, east];
      if (
        (axis !== 'latitude' && axis !== 'longitude') ||
        !Number.isInteger(degree) ||
        degree <= least ||
        degree >= most
      )
        throw new ConfigError('geographic: at', at, "'latitude <degree>' or 'longitude <degree>' inside the box");
      return axis === 'latitude'
        ? [
            { ...covers, north: degree },
            { ...covers, south: degree },
          ]
        : [
            { ...covers, east: degree },
            { ...covers, west: degree },
          ];
    },
  };
}
