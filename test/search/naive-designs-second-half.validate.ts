import { describeNaiveDesigns } from './naive-designs.ts';

describeNaiveDesigns(1);
